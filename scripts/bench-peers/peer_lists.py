"""lists.siam in Python itself."""
from rows import times


def records():
    total = 0
    for i in range(1000000):
        r = {"a": 1}
        total = total + r["a"]
    return total


def pushes():
    xs = []
    for i in range(1000000):
        xs.append(i)
    return xs


xs = list(range(1000000))
counts = dict(alpha=1, beta=2, gamma=3, delta=4)
names = ["alpha", "beta", "gamma", "delta"]


def look_ups():
    total = 0
    for i in range(1000000):
        total = total + counts[names[i % 4]]
    return total


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def rounds(n):
    total = 0
    for i in range(n):
        total = total + i * i % 7
    return total


times("records", "python", records)
times("pushes", "python", pushes)
times("maps", "python", lambda: list(map(lambda x: x + 1, xs)))
times("comprehension", "python", lambda: [x + 1 for x in xs])
times("look-ups", "python", look_ups)
times("fib", "python", lambda: fib(27))
times("rounds", "python", lambda: rounds(5000000))
