namespace VoiceWorker.Bench.Latency;

/// <summary>Milliseconds from the moment a call was due until what it led to was there.</summary>
internal sealed record Delays(double P50, double P99, double Max)
{
    public static Delays Of(IEnumerable<double> milliseconds)
    {
        var sorted = milliseconds.Order().ToArray();
        double At(double share) => sorted[(int)Math.Ceiling(share * sorted.Length) - 1];
        return new Delays(At(0.5), At(0.99), sorted[^1]);
    }
}
