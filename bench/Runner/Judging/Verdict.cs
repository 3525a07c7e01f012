namespace VoiceWorker.Bench.Judging;

/// <summary>What became of the messages: each must have led to one event, and that to be right.</summary>
/// <param name="Messages">How many there were.</param>
/// <param name="Lost">Messages without an event.</param>
/// <param name="Doubled">Events beyond the first of their message.</param>
/// <param name="Wrong">Events with another content, or another place in their stream, than they should have.</param>
/// <param name="Examples">The first that were wrong.</param>
internal sealed record Verdict(int Messages, int Lost, int Doubled, int Wrong, IReadOnlyList<string> Examples)
{
    public bool IsClean => Lost + Doubled + Wrong == 0;

    public override string ToString() =>
        $"{Lost} lost, {Doubled} doubled, {Wrong} wrong of {Messages}{string.Concat(Examples.Select(example => $"\n    {example}"))}";
}
