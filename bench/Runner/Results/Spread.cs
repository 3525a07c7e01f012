using System.Globalization;

namespace VoiceWorker.Bench.Results;

/// <summary>A figure measured several times.</summary>
internal sealed record Spread(double Median, double Least, double Most)
{
    public static Spread Of(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        var middle = sorted.Length / 2;
        var median = sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(median, sorted[0], sorted[^1]);
    }

    /// <summary>Null when any of them was not measured.</summary>
    public static Spread? Of(IEnumerable<double?> values)
    {
        var all = values.ToList();
        return all.Contains(null) ? null : Of(all.Select(value => value!.Value));
    }

    public string ToText(string format)
    {
        string Text(double value) => value.ToString(format, CultureInfo.InvariantCulture);
        return $"{Text(Median)} ({Text(Least)}–{Text(Most)})";
    }
}
