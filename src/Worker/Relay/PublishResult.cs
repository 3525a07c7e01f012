namespace VoiceWorker.Relay;

/// <summary>What became of a page.</summary>
/// <param name="Delivered">Events from the start of the page that are done: confirmed, or skipped by policy.</param>
/// <param name="Skipped">How many of them reached no queue and were skipped.</param>
/// <param name="Obstacle">Why the page stopped there; null when all of it is done.</param>
internal readonly record struct PublishResult(int Delivered, int Skipped, string? Obstacle);
