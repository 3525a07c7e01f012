namespace VoiceWorker.Bench.Results;

/// <summary>A bar of a chart: a median, with whiskers from the least to the most.</summary>
internal sealed record Bar(string Label, string Series, Spread Value);
