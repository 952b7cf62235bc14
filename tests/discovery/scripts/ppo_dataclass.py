"""Reinforcement learning: a dataclass of settings that tyro makes options of."""

from dataclasses import dataclass

import tyro


@dataclass
class Args:
    env_id: str = "CartPole-v1"
    """the game"""
    exp_name: str = "ppo"
    seed: int = 1
    cuda: bool = True
    track: bool = False
    total_timesteps: int = 500_000
    learning_rate: float = 2.5e-4
    num_envs: int = 4
    num_steps: int = 128
    anneal_lr: bool = True
    gamma: float = 0.99
    gae_lambda: float = 0.95
    num_minibatches: int = 4
    update_epochs: int = 4
    clip_coef: float = 0.2
    ent_coef: float = 0.01
    vf_coef: float = 0.5
    max_grad_norm: float = 0.5
    target_kl: float | None = None


if __name__ == "__main__":
    args = tyro.cli(Args)
    for iteration in range(args.total_timesteps // args.num_steps):
        episodic_return = play(args)
        print(f"global_step={iteration * args.num_steps}, episodic_return={episodic_return}")
