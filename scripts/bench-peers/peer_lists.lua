-- lists.siam in Lua, as far as calls and arithmetic go.
local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end
local function rounds(n)
  local total = 0
  for i = 0, n - 1 do total = total + i * i % 7 end
  return total
end
local function times(name, f, n)
  for k = 1, 5 do
    local t = os.clock()
    f(n)
    print(string.format("row-%s/lua %.6f", name, os.clock() - t))
  end
end
times("fib", fib, 27)
times("rounds", rounds, 5000000)
