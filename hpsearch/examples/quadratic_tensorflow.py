"""w^2 - 10w + 25, minimised by TensorFlow as in Ng's course, and as TensorFlow 2 does it.

configs/tensorflow_quadratic.yaml tunes its learning rate; by itself it prints w for both ways."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from hpsearch.examples.needs import needs

with needs("tensorflow"):
    import tensorflow as tf

COURSE = (1.0, -10.0, 25.0)  # lowest at w = 5; (1, -20, 100) is lowest at w = 10


def descend_v1(coefficients: Sequence[float], learning_rate: float, steps: int) -> float:
    """The w that so many steps from 0 lead to, by a graph and a session (Ng, course 2 week 3)."""
    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        x = v1.placeholder(tf.float32, [3, 1])
        w = v1.get_variable("w", initializer=0.0)
        cost = x[0][0] * w**2 + x[1][0] * w + x[2][0]
        train = v1.train.GradientDescentOptimizer(learning_rate).minimize(cost)
        session.run(v1.global_variables_initializer())
        for _ in range(steps):
            session.run(train, feed_dict={x: np.reshape(coefficients, (3, 1))})
        return float(session.run(w))


def descend_v2(
    coefficients: Sequence[float], learning_rate: float, steps: int
) -> tuple[float, list[float]]:
    """The same w by a variable and a tape, and the cost before each step."""
    w, optimizer = tf.Variable(0.0), tf.keras.optimizers.SGD(learning_rate)
    optimizer.build([w])

    def step(x: Any) -> Any:
        with tf.GradientTape() as tape:
            cost = x[0] * w**2 + x[1] * w + x[2]
        optimizer.apply_gradients([(tape.gradient(cost, w), w)])
        return cost

    compiled, data = tf.function(step), tf.constant(coefficients, tf.float32)
    costs = [float(compiled(data)) for _ in range(steps)]
    return float(w), costs


def evaluate(params: Mapping[str, Any]) -> dict[str, float]:
    """`mean_cost` over the descent is low where it is fast; infinite or NaN where it diverges."""
    coefficients = [params[name] for name in ("square", "linear", "constant")]
    w, costs = descend_v2(coefficients, params["learning_rate"], params["steps"])
    return {"mean_cost": float(np.mean(costs)), "last_cost": costs[-1], "w": w}


if __name__ == "__main__":
    for steps in (1, 1001):
        v1, (v2, _) = descend_v1(COURSE, 0.01, steps), descend_v2(COURSE, 0.01, steps)
        print(f"w after {steps:4d} steps: v1 {np.float32(v1)!s}, v2 {np.float32(v2)!s}")
