print(1 + 2 * 3, (1 + 2) * 3, 2 * 3 ^ 2, -2 ^ 2, (-2) ^ 2, 2 ^ -2, 1 - 2 - 3, 2 ^ 3 ^ 2, 8 / 4 / 2, 7 % 4 % 2)
print(1 .. 2 .. 3, "a" .. 1 + 2, 1 + 2 .. "b", #"ab" + 1, -#"ab", not 1 == 2, not (1 == 2))
print(1 < 2 == true, "a" .. "b" == "ab", 1 + 1 == 2 and "yes" or "no", nil == false)
print(nil and 1, false and 1, 1 and 2, nil or 1, false or nil, 1 or 2, nil and nil or 3, false == nil)
print(1 and nil or 2, (1 or 2) and 3, 1 or error("not evaluated"), nil and error("not evaluated"))
print(not nil and 1, not not nil, not 0, not "", - - 2, not - 2)
print(1 or 2 and 3, (1 or 2) and 3, 1 and 2 or 3 and 4, nil or false or 1, nil and 1 or false and 2 or 3)
print(2 > 1 and 1 < 2, 1 == 1 ~= false, (2 < 1) == (3 < 2))
local function f(...) return ... end
print(f(1, 2) + f(3, 4), (f(1, 2)), -f(5, 6), not f(nil), f(1) .. f(2))
print((((1 or false) and true) or false) == true, ((1 or false) and true) or false, ((nil and nil) or false) and true)
local a, b = 1, nil
print(a and b, b and a, a or b, b or a, not a, not b, a and not b, (a and b) or "default", a == 1 and b == nil)
local x = a and b or 5 print(x)
local y = not (a and b) print(y)
local z = (a and 1) == 1 print(z)
if not (a and b) then print("then") else print("else") end
if a and not b or false then print("then") else print("else") end
while not a do end
local n = 0 while n < 3 and a do n = n + 1 end print(n)
local v = a == 1 and 2 > 1 print(v)
local w = (a == 2 or b) print(w)
local u = a ~= 1 or 3 < 2 print(u)
