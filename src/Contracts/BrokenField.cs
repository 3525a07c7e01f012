namespace VoiceWorker.Contracts;

/// <summary>One rule that a refused message breaks. Never carries a value of the message.</summary>
/// <param name="Field">The JSON name of the field; empty when the message as a whole cannot be read, or
/// recorded.</param>
/// <param name="Rule">What would be right; of a text also how many characters it had. What cannot be recorded: what
/// rejects it, such as the constraint.</param>
public sealed record BrokenField(string Field, string Rule)
{
    /// <summary>How many a refusal names at most.</summary>
    public const int Most = 100;
}
