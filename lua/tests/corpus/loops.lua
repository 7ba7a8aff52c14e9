for i = 1, 3 do print(i) end for i = 3, 1, -1 do print(i) end for i = 1, 0 do print("never") end for i = 1, 2, 0.5 do print(i) end
for i = 0.1, 0.35, 0.1 do print(i) end for i = 10, 1, -4 do print(i) end for i = 1, 1 do print("once") end
for i = "1", "3" do print(i, type(i)) end for i = -3, -1 do print(i) end
for i = 1, 3 do local j = i i = i * 10 print(i, j) end
print(pcall(function() for i = "x", 2 do end end)) print(pcall(function() for i = 1, {} do end end)) print(pcall(function() for i = 1, 2, nil do end end))
for i = 1, math.huge do if i > 3 then break end print(i) end
for i = 3, 2, -1 do for j = 1, 2 do if j == 2 then break end print(i, j) end end
local n = 0 for i = 1, 100 do if i % 2 == 0 then n = n + i end end print(n)
local i = 0 while i < 3 do i = i + 1 if i == 2 then print("two") end end print(i)
while false do end while nil do end
i = 0 repeat i = i + 1 until i == 5 print(i) repeat local x = true until x
i = 0 while true do i = i + 1 if i > 5 then break end end print(i)
i = 0 repeat i = i + 1 if i == 3 then break end until false print(i)
for i, v in ipairs{"a", "b", nil, "d"} do print(i, v) end for i, v in ipairs{} do print("never") end
for k, v in pairs{10, 20, 30} do print(k, v) end for k, v in pairs{} do print("never") end
local t = {x = 1} for k, v in pairs(t) do print(k, v) end
local function range(n) local i = 0 return function() i = i + 1 if i <= n then return i, i * i end end end
for i, sq in range(4) do print(i, sq) end
local function iter(s, c) if c < s then return c + 1 end end for i in iter, 3, 0 do print(i) end
for a, b, c in function(s, c) if not c then return 1, 2 end end do print(a, b, c) end
local sum = 0 for _, row in ipairs{{1, 2}, {3, 4}} do for _, v in ipairs(row) do sum = sum + v end end print(sum)
local t = {1, 2, 3, 4, 5, 6} for k in pairs(t) do t[k] = nil end print(#t)
local keys = {} for k, v in pairs{a = 1, b = 2, c = 3} do keys[#keys + 1] = v end local s = 0 for _, v in ipairs(keys) do s = s + v end print(#keys, s)
print(pcall(function() for x in nil do end end)) print(pcall(function() for x in 5 do end end)) print(pcall(ipairs)) print(pcall(pairs, nil))
local f, s, c = ipairs{7} print(type(f), type(s), c, f(s, 0)) print(f(s, 1)) local f, s, c = pairs{7} print(type(f), c, f(s)) print(f(s, 1))
for i = 1, 3 do local f = function() return i end if f() == 2 then break end print(f()) end
for i = 2^53, 2^53 + 1 do print(i == 2^53) break end
local seen = 0 for i = 1, 10 do if i == 5 then seen = i break end end print(seen)
do local i = 1 while i < 100 do i = i * 2 local k = i if k > 50 then break end end print(i) end
