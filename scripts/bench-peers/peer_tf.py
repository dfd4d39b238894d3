"""TensorFlow with Keras layers and a compiled step (tf.function) on the workloads of scripts/bench."""
import os
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import timing
import tensorflow as tf
from tensorflow.keras import Sequential, layers, optimizers

threads, wanted = timing.arguments()
tf.config.threading.set_intra_op_parallelism_threads(threads)
tf.config.threading.set_inter_op_parallelism_threads(1)
tf.random.set_seed(0)


def conv_tower(dim):
    return Sequential([layers.Input((28, 28, 1)),
                       layers.Conv2D(32, 3, padding="same", activation="relu"), layers.MaxPool2D(2),
                       layers.Conv2D(64, 3, padding="same", activation="relu"), layers.MaxPool2D(2),
                       layers.Flatten(), layers.Dense(128, activation="relu"), layers.Dropout(0.5), layers.Dense(dim)])


def fc_tower(first, *widths, act="relu"):
    return Sequential([layers.Input((first,))] + [layers.Dense(w, activation=act) for w in widths[:-1]] + [layers.Dense(widths[-1])])


def contrastive(e, same):
    n = same.shape[0]
    d = tf.sqrt(tf.reduce_sum((e[:n] - e[n:]) ** 2, 1) + 1e-12)
    return tf.reduce_mean(same * d ** 2 + (1 - same) * tf.nn.relu(1 - d) ** 2)


def run(name, net, loss, opt):
    @tf.function
    def train():
        with tf.GradientTape() as tape:
            l = loss(net)
        opt.apply_gradients(zip(tape.gradient(l, net.trainable_variables), net.trainable_variables))
        return l
    timing.report("tf", name, threads, lambda: train().numpy())


def adam():
    return optimizers.Adam(1e-3)


def siamese(name, net, n, *shape, opt=None):
    x, same = tf.random.uniform((2 * n, *shape)), tf.cast(tf.random.uniform((n,)) > 0.5, tf.float32)
    run(name, net, lambda net: contrastive(net(x, training=True), same), opt or adam())


def triplet():
    x = tf.random.uniform((384, 784))

    def loss(net):
        a, p, n = tf.split(tf.math.l2_normalize(net(x, training=True), 1), 3)
        return tf.reduce_mean(tf.nn.relu(tf.reduce_sum((a - p) ** 2, 1) - tf.reduce_sum((a - n) ** 2, 1) + 0.2))
    run("triplet-fc", fc_tower(784, 512, 128), loss, adam())


def batch_hard():
    x, y = tf.random.uniform((256, 784)), tf.range(256) // 8
    same = y[:, None] == y[None]

    def loss(net):
        e = tf.math.l2_normalize(net(x, training=True), 1)
        d = tf.sqrt(tf.maximum(2 - 2 * tf.matmul(e, e, transpose_b=True), 1e-12))
        return tf.reduce_mean(tf.nn.relu(tf.reduce_max(tf.where(same, d, -1e9), 1) - tf.reduce_min(tf.where(same, 1e9, d), 1) + 0.2))
    run("batch-hard", fc_tower(784, 512, 128), loss, adam())


def embed():
    net, x = conv_tower(64), tf.random.uniform((20, 500, 28, 28, 1))
    f = tf.function(lambda x: net(x, training=False))
    timing.report("tf", "embed-10k", threads, lambda: [f(part).numpy() for part in x], warm=2, least=5)


def retrieval():
    e, y = tf.random.uniform((4096, 64)), tf.range(4096) % 64

    @tf.function
    def go():
        s = tf.reduce_sum(e * e, 1)
        d = s[:, None] + s[None] - 2 * tf.matmul(e, e, transpose_b=True)
        d = tf.linalg.set_diag(d, tf.fill((4096,), float("inf")))
        return tf.reduce_mean(tf.cast(tf.gather(y, tf.argmin(d, 1)) == y, tf.float32))
    timing.report("tf", "retrieval-4k", threads, lambda: go().numpy(), warm=2, least=5)


ALL = {"seed-conv": lambda: siamese("seed-conv", conv_tower(64), 32, 28, 28, 1), "seed-conv-128": lambda: siamese("seed-conv-128", conv_tower(128), 128, 28, 28, 1),
       "fc": lambda: siamese("fc", fc_tower(784, 256, 128, 64), 64, 784),
       "tiny-fc": lambda: siamese("tiny-fc", fc_tower(2, 16, 2, act="tanh"), 16, 2, opt=optimizers.SGD(0.1)),
       "triplet-fc": triplet, "batch-hard": batch_hard, "embed-10k": embed, "retrieval-4k": retrieval}
for name in wanted or ALL:
    ALL[name]()
