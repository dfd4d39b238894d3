local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end
local function rounds(n)
  local total = 0
  for i = 0, n - 1 do total = total + i * i % 7 end
  return total
end
for k = 1, 3 do
  local t = os.clock()
  rounds(5000000)
  print("loop", 1000 * (os.clock() - t))
  t = os.clock()
  fib(27)
  print("fib", 1000 * (os.clock() - t))
end
