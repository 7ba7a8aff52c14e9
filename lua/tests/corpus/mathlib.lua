local m = math
print(m.abs(-5), m.abs(5), m.ceil(1.2), m.ceil(-1.2), m.floor(1.8), m.floor(-1.2), m.floor("3.7"), m.sqrt(16), m.sqrt(2)) print(m.sin(0), m.cos(0), m.tan(0), m.sin(1), m.cos(1), m.tan(1), m.asin(1), m.acos(1), m.atan(1), m.atan2(1, 2), m.atan2(-1, -2))
print(m.exp(0), m.exp(1), m.log(1), m.log(10), m.log10(100), m.log10(2), m.pow(2, 10), m.pow(4, 0.5)) print(m.sinh(1), m.cosh(1), m.tanh(1), m.deg(m.pi), m.rad(180), m.pi)
print(m.max(1, 2, 3), m.max(3, 2, 1), m.max(-1), m.min(1, 2, 3), m.min("5", 3), m.max(1, m.huge), m.min(1, -m.huge)) print(m.fmod(7, 3), m.fmod(-7, 3), m.fmod(7, -3), m.fmod(5.5, 2), m.mod(7, 4))
print(m.modf(3.7)) print(m.modf(-3.7)) print(m.modf(5)) print(m.modf(m.huge)) print(m.modf(-m.huge)) print(m.frexp(10)) print(m.frexp(0)) print(m.frexp(-0.3)) print(m.ldexp(0.5, 4), m.ldexp(1, -2), m.ldexp(1, 2000), m.ldexp(1, -2000))
print(m.huge, -m.huge, m.huge > 1e308, m.huge == m.huge, m.huge - m.huge ~= m.huge - m.huge) print(m.floor(1e300) == 1e300, m.floor(-0.5), m.ceil(-0.5), m.floor(2^53 + 0.5))
for i = 1, 100 do local r = m.random() assert(r >= 0 and r < 1) r = m.random(6) assert(r >= 1 and r <= 6 and r == m.floor(r)) r = m.random(-3, 3) assert(r >= -3 and r <= 3 and r == m.floor(r)) end print(m.random(1), m.random(5, 5), m.randomseed(42)) m.randomseed(42) local a, b = m.random(), m.random(1000) m.randomseed(42) print(a == m.random(), b == m.random(1000))
print(type(m.random), type(m.pi), type(m.huge), m.nothing)
