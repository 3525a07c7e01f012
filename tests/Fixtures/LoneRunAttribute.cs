using Xunit.v3;

namespace VoiceWorker.Tests.Fixtures;

/// <summary>
/// <c>./test --full</c> runs it behind the other suites, with nothing beside it: it judges how long somebody waits. It
/// allows for a busy machine all the same.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class LoneRunAttribute : Attribute, ITraitAttribute
{
    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() =>
        [new(FullRunAttribute.Trait, FullRunAttribute.Value), new(FullRunAttribute.Trait, "lone")];
}
