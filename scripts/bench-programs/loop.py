import time


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def rounds(n):
    total = 0
    for i in range(n):
        total = total + i * i % 7
    return total


for k in range(3):
    t = time.perf_counter()
    rounds(5000000)
    print("loop", 1000 * (time.perf_counter() - t))
    t = time.perf_counter()
    fib(27)
    print("fib", 1000 * (time.perf_counter() - t))
