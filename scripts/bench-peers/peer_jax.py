"""JAX (jit) on the workloads of scripts/bench. Threads: XLA takes the processors it may run on; use taskset for one."""
import timing
import jax
import jax.numpy as jnp
from jax import lax

threads, wanted = timing.arguments()
key = jax.random.PRNGKey(0)


def normal(*shape, scale):
    global key
    key, k = jax.random.split(key)
    return scale * jax.random.normal(k, shape)


def dense(i, o):
    return (normal(i, o, scale=i ** -0.5), jnp.zeros(o))


def adam_init(p):
    z = jax.tree.map(jnp.zeros_like, p)
    return (z, z, jnp.zeros(()))


def adam(p, g, s, lr=1e-3):
    m, v, t = s
    t = t + 1
    m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, g)
    v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, g)
    p = jax.tree.map(lambda p, m, v: p - lr * (m / (1 - 0.9 ** t)) / (jnp.sqrt(v / (1 - 0.999 ** t)) + 1e-8), p, m, v)
    return p, (m, v, t)


def sgd(p, g, s, lr=0.1):
    return jax.tree.map(lambda p, g: p - lr * g, p, g), s


def conv_params(dim):
    return dict(c1=(normal(3, 3, 1, 32, scale=1 / 3), jnp.zeros(32)), c2=(normal(3, 3, 32, 64, scale=1 / 17), jnp.zeros(64)),
                d1=dense(3136, 128), d2=dense(128, dim))


def conv_forward(p, x, key=None):
    def conv(x, wb):
        y = lax.conv_general_dilated(x, wb[0], (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC")) + wb[1]
        return lax.reduce_window(jax.nn.relu(y), -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
    x = conv(conv(x, p["c1"]), p["c2"]).reshape(x.shape[0], -1)
    x = jax.nn.relu(x @ p["d1"][0] + p["d1"][1])
    if key is not None:
        x = jnp.where(jax.random.bernoulli(key, 0.5, x.shape), x * 2, 0)
    return x @ p["d2"][0] + p["d2"][1]


def fc_forward(p, x, act=jax.nn.relu):
    for w, b in p[:-1]:
        x = act(x @ w + b)
    return x @ p[-1][0] + p[-1][1]


def contrastive(e, same):
    n = len(same)
    d = jnp.sqrt(((e[:n] - e[n:]) ** 2).sum(1) + 1e-12)
    return (same * d ** 2 + (1 - same) * jax.nn.relu(1 - d) ** 2).mean()


def unit(e):
    return e / jnp.linalg.norm(e, axis=1, keepdims=True)


def run(name, p, loss, update=adam):
    @jax.jit
    def train(p, s, k):
        k, sub = jax.random.split(k)
        g = jax.grad(loss)(p, sub)
        p, s = update(p, g, s)
        return p, s, k
    state = [p, adam_init(p), jax.random.PRNGKey(1)]

    def step():
        state[:] = train(*state)
        jax.block_until_ready(state[0])
    timing.report("jax", name, threads, step)


def data(*shape):
    return normal(*shape, scale=1.0)


def conv_work(name, n, dim):
    x, same = data(2 * n, 28, 28, 1), (data(n) > 0).astype(jnp.float32)
    run(name, conv_params(dim), lambda p, k: contrastive(conv_forward(p, x, k), same))


def fc():
    x, same = data(128, 784), (data(64) > 0).astype(jnp.float32)
    run("fc", [dense(784, 256), dense(256, 128), dense(128, 64)], lambda p, k: contrastive(fc_forward(p, x), same))


def tiny():
    x, same = data(32, 2), (data(16) > 0).astype(jnp.float32)
    run("tiny-fc", [dense(2, 16), dense(16, 2)], lambda p, k: contrastive(fc_forward(p, x, jnp.tanh), same), sgd)


def triplet():
    x = data(384, 784)

    def loss(p, k):
        e = unit(fc_forward(p, x))
        a, q, n = e[:128], e[128:256], e[256:]
        return jax.nn.relu(((a - q) ** 2).sum(1) - ((a - n) ** 2).sum(1) + 0.2).mean()
    run("triplet-fc", [dense(784, 512), dense(512, 128)], loss)


def batch_hard():
    x, y = data(256, 784), jnp.arange(256) // 8
    same = y[:, None] == y[None]

    def loss(p, k):
        e = unit(fc_forward(p, x))
        d = jnp.sqrt(jnp.maximum(2 - 2 * e @ e.T, 1e-12))
        return jax.nn.relu(jnp.where(same, d, -1e9).max(1) - jnp.where(same, 1e9, d).min(1) + 0.2).mean()
    run("batch-hard", [dense(784, 512), dense(512, 128)], loss)


def embed():
    p, x = conv_params(64), data(20, 500, 28, 28, 1)
    f = jax.jit(conv_forward)
    timing.report("jax", "embed-10k", threads, lambda: jax.block_until_ready([f(p, part) for part in x]), warm=2, least=5)


def retrieval():
    e, y = data(4096, 64), jnp.arange(4096) % 64

    @jax.jit
    def go(e):
        s = (e * e).sum(1)
        d = s[:, None] + s[None] - 2 * e @ e.T
        d = jnp.where(jnp.eye(len(e), dtype=bool), jnp.inf, d)
        return (y[d.argmin(1)] == y).mean()
    timing.report("jax", "retrieval-4k", threads, lambda: jax.block_until_ready(go(e)), warm=2, least=5)


ALL = {"seed-conv": lambda: conv_work("seed-conv", 32, 64), "seed-conv-128": lambda: conv_work("seed-conv-128", 128, 128), "fc": fc, "tiny-fc": tiny,
       "triplet-fc": triplet, "batch-hard": batch_hard, "embed-10k": embed, "retrieval-4k": retrieval}
for name in wanted or ALL:
    ALL[name]()
