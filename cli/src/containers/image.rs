use postern_core::resource::service::Container;

/// Where wrangler takes an image from.
#[derive(Debug, PartialEq, Eq)]
pub enum Image {
    /// A registry that Cloudflare pulls from itself.
    Registry(String),
    /// The text of a file that wrangler builds an image from, which takes Docker.
    Dockerfile(String),
}

/// How the image of a container is named to wrangler. Cloudflare pulls from few registries, wants a tag that means one image, and
/// starts an image with its own command or with a whole other one; what is beyond that is built.
pub fn of(container: &Container) -> Image {
    let image = container.image.as_str();
    let takes_arguments = container.command.is_empty() && !container.args.is_empty();
    if !takes_arguments && is_pulled(registry(image)) && is_pinned(image) {
        return Image::Registry(qualified(image));
    }
    let mut text = format!("# Written by `postern build --for cloudflare`.\nFROM {image}\nEXPOSE {}\n", container.port);
    if takes_arguments {
        // The form of a list, which no shell reads.
        text.push_str(&format!("CMD {}\n", serde_json::Value::from(container.args.clone())));
    }
    Image::Dockerfile(text)
}

/// The registry of a reference; Docker Hub where it names none.
pub fn registry(image: &str) -> &str {
    image.split_once('/').map(|(host, _)| host).filter(|host| host.contains(['.', ':']) || *host == "localhost").unwrap_or(DOCKER_HUB)
}

const DOCKER_HUB: &str = "docker.io";

fn is_pulled(registry: &str) -> bool {
    registry == DOCKER_HUB
        || registry == "registry.cloudflare.com"
        || registry.ends_with("-docker.pkg.dev")
        || registry.ends_with(".amazonaws.com") && registry.contains(".dkr.ecr.")
}

/// Whether the last part has a tag or a digest, and not the one that moves.
fn is_pinned(image: &str) -> bool {
    let last = image.rsplit('/').next().unwrap_or_default();
    last.split_once(':').is_some_and(|(_, tag)| !tag.is_empty() && tag != "latest")
}

/// With the parts that Docker lets out.
fn qualified(image: &str) -> String {
    if image.starts_with(registry(image)) {
        image.to_owned()
    } else if image.contains('/') {
        format!("{DOCKER_HUB}/{image}")
    } else {
        format!("{DOCKER_HUB}/library/{image}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_that_cloudflare_pulls_are_named_and_others_built() {
        let of = |image: &str, command: &[&str], args: &[&str]| {
            let own = |texts: &[&str]| texts.iter().map(ToString::to_string).collect();
            of(&Container { image: image.to_owned(), port: 80, command: own(command), args: own(args), ..Container::default() })
        };
        for (image, named) in [
            ("nginx:1.29", "docker.io/library/nginx:1.29"),
            ("org/app:1", "docker.io/org/app:1"),
            ("docker.io/org/app:1", "docker.io/org/app:1"),
            ("org/app@sha256:00ff", "docker.io/org/app@sha256:00ff"),
            ("registry.cloudflare.com/acc/app:1", "registry.cloudflare.com/acc/app:1"),
            ("1234.dkr.ecr.eu-west-1.amazonaws.com/app:1", "1234.dkr.ecr.eu-west-1.amazonaws.com/app:1"),
            ("europe-west1-docker.pkg.dev/p/r/app:1", "europe-west1-docker.pkg.dev/p/r/app:1"),
        ] {
            assert_eq!(of(image, &[], &[]), Image::Registry(named.to_owned()), "{image}");
            assert_eq!(of(image, &["/run"], &["-v"]), Image::Registry(named.to_owned()), "{image}");
            assert!(matches!(of(image, &[], &["-v"]), Image::Dockerfile(_)), "{image}");
        }
        for image in ["nginx", "nginx:latest", "ghcr.io/org/app:1", "localhost:5000/app:1", "evil-docker.pkg.dev.example/app:1"] {
            let text = format!("# Written by `postern build --for cloudflare`.\nFROM {image}\nEXPOSE 80\n");
            assert_eq!(of(image, &[], &[]), Image::Dockerfile(text), "{image}");
        }
        let Image::Dockerfile(text) = of("app", &[], &["--name", "a \"b\""]) else { panic!("it has arguments") };
        assert!(text.ends_with("CMD [\"--name\",\"a \\\"b\\\"\"]\n"), "{text}");
    }
}
