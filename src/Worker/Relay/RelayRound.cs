namespace VoiceWorker.Relay;

/// <summary>What one round of the relay did.</summary>
/// <param name="IsLeader">Whether this worker leads; a standby does nothing.</param>
/// <param name="Sequenced">Events that got their sequence.</param>
/// <param name="Published">Events that the broker confirmed.</param>
/// <param name="Pending">Events in memory that the next round publishes.</param>
/// <param name="Obstacle">Why publishing does not go on; null when it does.</param>
internal readonly record struct RelayRound(bool IsLeader, int Sequenced, int Published, int Pending, string? Obstacle)
{
    /// <summary>What this worker has found lost when it began to lead; null when nothing was.</summary>
    public string? Loss { get; init; }

    /// <summary>Why what is published is not remembered; null while it is.</summary>
    public string? Unremembered { get; init; }

    public static RelayRound Standby => new(false, 0, 0, 0, null);

    /// <summary>Whether the next round has something to do at once.</summary>
    public bool MustGoOn => Obstacle is null && (Sequenced > 0 || Published > 0 || Pending > 0);
}
