using Xunit.v3;

namespace VoiceWorker.Tests.Fixtures;

/// <summary>
/// <c>./test --full</c> and <c>--long</c> only: it takes several of a run's seconds, and <c>./test</c> has a test of
/// the same promise beside it.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
internal sealed class FullRunAttribute : Attribute, ITraitAttribute
{
    public const string Trait = "Run";
    public const string Value = "full";

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new(Trait, Value)];
}
