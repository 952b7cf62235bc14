"""The quickest script of all: its values are words of the command line."""

import sys

learning_rate = float(sys.argv[1]) if len(sys.argv) > 1 else 0.1
hidden = int(sys.argv[2]) if len(sys.argv) > 2 else 20
epochs = int(sys.argv[3]) if len(sys.argv) > 3 else 100

loss = 1.0
for epoch in range(epochs):
    loss *= 1 - learning_rate / hidden
print("final validation loss:", loss)
