"""The work of words.siam in PyTorch, one thread: words.py gru attention sentence."""
import torch,time,sys
torch.set_num_threads(1)
class G(torch.nn.Module):
    def __init__(s,kind):
        super().__init__(); s.e=torch.nn.Embedding(1000,32); s.k=kind
        s.g=torch.nn.GRU(32,32,batch_first=True); s.q=torch.nn.Linear(32,32,bias=False); s.kk=torch.nn.Linear(32,32,bias=False); s.v=torch.nn.Linear(32,32,bias=False)
    def forward(s,x):
        e=s.e(x)
        if s.k=='gru': return s.g(e)[1][0]
        if s.k=='sentence': return e.mean(1)
        q,k,v=s.q(e),s.kk(e),s.v(e); return (torch.softmax(q@k.transpose(1,2)/32**.5,-1)@v).mean(1)
for kind in sys.argv[1:]:
    n=G(kind); o=torch.optim.Adam(n.parameters(),1e-3)
    a=torch.randint(0,1000,(32,20)); b=torch.randint(0,1000,(32,20)); s=(torch.rand(32)>.5).float()
    def step():
        d=(n(a)-n(b)).pow(2).sum(1).add(1e-12).sqrt(); l=(s*d**2+(1-s)*torch.relu(1-d)**2).mean(); o.zero_grad(); l.backward(); o.step()
    for _ in range(50): step()
    t=time.time()
    for _ in range(300): step()
    print('torch',kind,round((time.time()-t)/300*1000,3),'ms a step')
