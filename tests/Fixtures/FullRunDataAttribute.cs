using System.Reflection;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

namespace VoiceWorker.Tests.Fixtures;

/// <summary>What <see cref="FullRunAttribute"/> is for a test, for a row of a theory: an <c>[InlineData]</c> that
/// another row stands for in <c>./test</c>.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class FullRunDataAttribute(params object?[] data) : DataAttribute
{
    private static readonly Dictionary<string, HashSet<string>> FullRun =
        new() { [FullRunAttribute.Trait] = [FullRunAttribute.Value] };

    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(
        MethodInfo testMethod, DisposalTracker disposalTracker) => new([new TheoryDataRow(data) { Traits = FullRun }]);

    public override bool SupportsDiscoveryEnumeration() => true;
}
