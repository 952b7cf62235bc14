"""A PyTorch network on the digits of scikit-learn; prints its validation loss after each epoch."""

import argparse

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=1e-3)
parser.add_argument("--beta1", type=float, default=0.9)
parser.add_argument("--hidden", type=int, default=64)
parser.add_argument("--batch-size", type=int, default=64)
parser.add_argument("--epochs", type=int, default=8)
parser.add_argument("--seed", type=int, default=0)
args = parser.parse_args()

torch.manual_seed(args.seed)
images, labels = load_digits(return_X_y=True)
split = train_test_split(images / 16, labels, test_size=300, random_state=0, stratify=labels)
x_train, x_val = (torch.tensor(x, dtype=torch.float32) for x in split[:2])
y_train, y_val = (torch.tensor(y) for y in split[2:])
model = torch.nn.Sequential(
    torch.nn.Linear(64, args.hidden),
    torch.nn.BatchNorm1d(args.hidden),
    torch.nn.ReLU(),
    torch.nn.Linear(args.hidden, 10),
)
optimizer = torch.optim.Adam(model.parameters(), lr=args.lr, betas=(args.beta1, 0.999))
for epoch in range(1, args.epochs + 1):
    model.train()
    for batch in torch.randperm(len(x_train)).split(args.batch_size):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(x_train[batch]), y_train[batch]).backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        logits = model(x_val)
        loss = torch.nn.functional.cross_entropy(logits, y_val).item()
        error = (logits.argmax(1) != y_val).float().mean().item()
    print(f"epoch {epoch} val_loss {loss:.4f} val_error: {error:.4f}", flush=True)
