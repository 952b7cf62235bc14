# Gradient descent with momentum on a narrow valley; prints `epoch 3 loss 0.31` lines.
BEGIN {
  if (lr == "") lr = 0.01
  if (momentum == "") momentum = 0.9
  x = 3; y = 2; vx = 0; vy = 0
  for (epoch = 1; epoch <= 20; epoch++) {
    vx = momentum * vx + (1 - momentum) * x
    vy = momentum * vy + (1 - momentum) * 20 * y
    x -= lr * vx
    y -= lr * vy
    print "epoch", epoch, "loss", 0.5 * x * x + 10 * y * y
  }
}
