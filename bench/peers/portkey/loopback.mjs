// Portkey's server listens on every address of the machine, and has no option for another. Loaded before it, this keeps it on loopback.
import { Server } from "node:net";

const listen = Server.prototype.listen;

Server.prototype.listen = function (port, ...rest) {
  const callback = rest.find((argument) => typeof argument === "function");
  return listen.call(this, { port: Number(port.port ?? port), host: "127.0.0.1" }, callback);
};
