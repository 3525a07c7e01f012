namespace VoiceWorker.Persistence.Businesses;

/// <summary>A row of the legacy table <c>business</c>, as far as the worker knows it.</summary>
public sealed class Business
{
    /// <summary>Primary key.</summary>
    public int Id { get; init; }

    /// <summary>The stored voice; the legacy application may have written anything.</summary>
    public string? VoiceId { get; init; }
}
