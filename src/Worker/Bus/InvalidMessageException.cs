using VoiceWorker.Contracts.Validation;

namespace VoiceWorker.Bus;

/// <summary>A message breaks its contract and always will: it belongs into the error queue. Quotes no value.</summary>
public sealed class InvalidMessageException : Exception
{
    /// <summary>With every broken rule.</summary>
    /// <param name="broken">At least one.</param>
    public InvalidMessageException(IReadOnlyList<BrokenRule> broken)
        : base(string.Join("; ", broken)) => Broken = broken;

    /// <summary>Every broken rule.</summary>
    public IReadOnlyList<BrokenRule> Broken { get; }

    /// <summary>Passes only when nothing is broken.</summary>
    /// <param name="broken">What a check returned.</param>
    /// <exception cref="InvalidMessageException">Something is broken.</exception>
    public static void ThrowIfAny(IReadOnlyList<BrokenRule> broken)
    {
        if (broken.Count > 0)
            throw new InvalidMessageException(broken);
    }
}
