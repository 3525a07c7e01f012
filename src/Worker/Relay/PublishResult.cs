namespace VoiceWorker.Relay;

/// <summary>What became of a page.</summary>
/// <param name="Delivered">Events from the start of the page that are done: confirmed, or skipped by policy.</param>
/// <param name="Skipped">How many of them reached no queue and were skipped.</param>
/// <param name="Obstacle">Why the page stopped there; null when nothing is in the way.</param>
/// <param name="IsRefused">Whether the broker refused an event; without an obstacle it took that one on a new connection, and
/// what comes after it is still to be published.</param>
internal readonly record struct PublishResult(int Delivered, int Skipped, string? Obstacle, bool IsRefused = false)
{
    /// <summary>The same, with what became of the refused event when it was tried again alone.</summary>
    public PublishResult Then(PublishResult head) =>
        new(Delivered + head.Delivered, Skipped + head.Skipped, head.Obstacle, IsRefused: true);
}
