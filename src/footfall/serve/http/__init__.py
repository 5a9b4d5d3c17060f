"""What all APIs share: who asks, how often, where queries run, parameters, bodies, answers."""
