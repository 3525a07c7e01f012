namespace VoiceWorker.Persistence.Verification;

/// <summary>A field that differs.</summary>
/// <param name="Name">As on the wire.</param>
/// <param name="Recorded">What the row says, as JSON; null when it says nothing.</param>
/// <param name="Told">The event's value, as JSON; null when it has none.</param>
public sealed record FieldDifference(string Name, string? Recorded, string? Told);
