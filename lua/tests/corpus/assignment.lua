local a, b, c = 1, 2 print(a, b, c)
a, b = b, a print(a, b)
a, b, c = 1 print(a, b, c)
a, b = 1, 2, 3 print(a, b)
local function two() return 1, 2 end
local function none() end
a, b, c = two() print(a, b, c)
a, b, c = two(), 10 print(a, b, c)
a, b, c = 10, two() print(a, b, c)
a, b, c = (two()) print(a, b, c)
a, b = none() print(a, b)
a, b = none(), 1 print(a, b)
local t = {} local i = 1
i, t[i] = i + 1, 20 print(i, t[1], t[2])
t = {1, 2} i = 1
t[i], t[i + 1], i = i + 10, i + 20, 5 print(t[1], t[2], i)
local u = {x = {}} local v = u
v.x.y, v = 7, nil print(u.x.y, v)
t = {} t.a, t.b, t["c d"] = 1, two() print(t.a, t.b, t["c d"])
local x, y = 1, 2 do local x, y = y, x print(x, y) end print(x, y)
local x = x + 1 print(x)
g1, g2 = 3, 4 print(g1, g2, undefined) g1 = nil print(g1)
do local p, q, r, s = two() print(p, q, r, s) end
local t = {} for i = 1, 3 do t[i], t[-i] = i, -i end print(t[1], t[-1], t[3], t[-3])
