"""PyTorch on the workloads of scripts/bench: eager, and torch.compile with MODE=compile in the environment."""
import os
import timing
import torch
import torch.nn as nn
import torch.nn.functional as F

threads, wanted = timing.arguments()
torch.set_num_threads(threads)
torch.manual_seed(0)
COMPILE = os.environ.get("MODE") == "compile"
LAST = os.environ.get("LAYOUT") == "channels_last"
PEER = "torch" + ("-compile" if COMPILE else "") + ("-nhwc" if LAST else "")


def conv_tower(dim):
    return nn.Sequential(
        nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(3136, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, dim))


def fc_tower(*widths, act=nn.ReLU):
    layers = []
    for i, o in zip(widths, widths[1:]):
        layers += [nn.Linear(i, o), act()]
    return nn.Sequential(*layers[:-1])


def contrastive(a, b, same, margin=1.0):
    d = ((a - b).pow(2).sum(1) + 1e-12).sqrt()
    return (same * d.pow(2) + (1 - same) * F.relu(margin - d).pow(2)).mean()


def trainer(net, loss, opt):
    def step_loss():
        return loss(net)
    f = torch.compile(step_loss) if COMPILE else step_loss

    def step():
        opt.zero_grad(set_to_none=True)
        f().backward()
        opt.step()
    return step


def pairs(shape, n):
    x = torch.rand(2 * n, *shape)
    if LAST and len(shape) == 3:
        x = x.contiguous(memory_format=torch.channels_last)
    return x, (torch.rand(n) > 0.5).float()


def siamese(net, x, same):
    n = len(same)

    def loss(net):
        e = net(x)
        return contrastive(e[:n], e[n:], same)
    return loss


def conv(name, n, dim):
    net = conv_tower(dim)
    if LAST:
        net = net.to(memory_format=torch.channels_last)
    x, same = pairs((1, 28, 28), n)
    timing.report(PEER, name, threads, trainer(net, siamese(net, x, same), torch.optim.Adam(net.parameters(), 1e-3)))


def fc():
    net = fc_tower(784, 256, 128, 64)
    x, same = pairs((784,), 64)
    timing.report(PEER, "fc", threads, trainer(net, siamese(net, x, same), torch.optim.Adam(net.parameters(), 1e-3)))


def tiny_fc():
    net = fc_tower(2, 16, 2, act=nn.Tanh)
    x, same = pairs((2,), 16)
    timing.report(PEER, "tiny-fc", threads, trainer(net, siamese(net, x, same), torch.optim.SGD(net.parameters(), 0.1)))


def triplet():
    net = fc_tower(784, 512, 128)
    x = torch.rand(384, 784)

    def loss(net):
        e = F.normalize(net(x))
        a, p, n = e[:128], e[128:256], e[256:]
        return F.relu((a - p).pow(2).sum(1) - (a - n).pow(2).sum(1) + 0.2).mean()
    timing.report(PEER, "triplet-fc", threads, trainer(net, loss, torch.optim.Adam(net.parameters(), 1e-3)))


def batch_hard():
    net = fc_tower(784, 512, 128)
    x, y = torch.rand(256, 784), torch.arange(256) // 8
    same = y[:, None] == y[None]

    def loss(net):
        e = F.normalize(net(x))
        d = (2 - 2 * e @ e.T).clamp_min(1e-12).sqrt()
        hardest = d.masked_fill(~same, -1e9).amax(1)
        nearest = d.masked_fill(same, 1e9).amin(1)
        return F.relu(hardest - nearest + 0.2).mean()
    timing.report(PEER, "batch-hard", threads, trainer(net, loss, torch.optim.Adam(net.parameters(), 1e-3)))


def embed():
    net = conv_tower(64).eval()
    if LAST:
        net = net.to(memory_format=torch.channels_last)
    x, _ = pairs((1, 28, 28), 5000)
    f = torch.compile(net) if COMPILE else net

    def step():
        with torch.inference_mode():
            torch.cat([f(part) for part in x.split(500)])
    timing.report(PEER, "embed-10k", threads, step, warm=2, least=5)


def retrieval():
    e, y = torch.rand(4096, 64), torch.arange(4096) % 64

    def go():
        d = torch.cdist(e, e)
        d.fill_diagonal_(float("inf"))
        return (y[d.argmin(1)] == y).float().mean()
    f = torch.compile(go) if COMPILE else go

    def step():
        with torch.inference_mode():
            f()
    timing.report(PEER, "retrieval-4k", threads, step, warm=2, least=5)


ALL = {"seed-conv": lambda: conv("seed-conv", 32, 64), "seed-conv-128": lambda: conv("seed-conv-128", 128, 128), "fc": fc, "tiny-fc": tiny_fc,
       "triplet-fc": triplet, "batch-hard": batch_hard, "embed-10k": embed, "retrieval-4k": retrieval}
for name in wanted or ALL:
    ALL[name]()
