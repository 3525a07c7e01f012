namespace VoiceWorker.MigrationBench;

/// <summary>One read or write of the application.</summary>
/// <param name="EndedAt">By the wall clock.</param>
/// <param name="IsWrite">Whether it wrote.</param>
/// <param name="Milliseconds">How long it took.</param>
/// <param name="Error">Empty when it went well.</param>
internal sealed record Operation(DateTimeOffset EndedAt, bool IsWrite, double Milliseconds, string Error);
