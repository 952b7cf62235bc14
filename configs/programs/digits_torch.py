"""A PyTorch network on the digits of scikit-learn: prints its validation loss after each epoch.

With --checkpoint FOLDER, a training that was cut short goes on where it was, to the same end.
"""

import argparse
import os

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=1e-3)
parser.add_argument("--beta1", type=float, default=0.9)
parser.add_argument("--hidden", type=int, default=64)
parser.add_argument("--batch-size", type=int, default=64)
parser.add_argument("--epochs", type=int, default=8)
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--checkpoint", help="a folder; none: nothing is kept")
args = parser.parse_args()

torch.manual_seed(args.seed)
device = "cuda" if torch.cuda.is_available() else "cpu"  # the GPU of the slot, and no other
images, labels = load_digits(return_X_y=True)
split = train_test_split(images / 16, labels, test_size=300, random_state=0, stratify=labels)
x_train, x_val = (torch.tensor(x, dtype=torch.float32) for x in split[:2])
y_train, y_val = (torch.tensor(y) for y in split[2:])
batches = DataLoader(TensorDataset(x_train, y_train), batch_size=args.batch_size, shuffle=True)
x_val, y_val = x_val.to(device), y_val.to(device)
hidden = [nn.Linear(64, args.hidden), nn.BatchNorm1d(args.hidden), nn.ReLU(), nn.Dropout(0.1)]
model = nn.Sequential(*hidden, nn.Linear(args.hidden, 10)).to(device)
optimizer = torch.optim.Adam(model.parameters(), lr=args.lr, betas=(args.beta1, 0.999))
printed, path = [], os.path.join(args.checkpoint or "", "state.pt")
if args.checkpoint and os.path.exists(path):
    kept = torch.load(path, map_location="cpu", weights_only=True)
    model.load_state_dict(kept["model"])
    optimizer.load_state_dict(kept["optimizer"])
    torch.set_rng_state(kept["random"])
    torch.cuda.set_rng_state_all(kept["cuda"] if device == "cuda" else [])
    printed = kept["printed"]
    print("\n".join(printed), flush=True)  # the curve is whole again
for epoch in range(len(printed) + 1, args.epochs + 1):
    for x, y in ((x.to(device), y.to(device)) for x, y in batches):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model.train()(x), y).backward()
        optimizer.step()
    with torch.no_grad():
        logits = model.eval()(x_val)
    loss, error = nn.functional.cross_entropy(logits, y_val), (logits.argmax(1) != y_val).float()
    printed.append(f"epoch {epoch} val_loss {loss.item():.4f} val_error: {error.mean().item():.4f}")
    if args.checkpoint:
        os.makedirs(args.checkpoint, exist_ok=True)
        kept = {"model": model.state_dict(), "optimizer": optimizer.state_dict()}
        kept |= {"random": torch.get_rng_state(), "cuda": torch.cuda.get_rng_state_all()}
        torch.save({**kept, "printed": printed}, f"{path}.new")
        os.replace(f"{path}.new", path)  # all of the new state, or all of the old one
    print(printed[-1], flush=True)
