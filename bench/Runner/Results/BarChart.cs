using System.Globalization;
using System.Text;

namespace VoiceWorker.Bench.Results;

/// <summary>Horizontal bars as SVG, one colour a series.</summary>
internal static class BarChart
{
    private const int Width = 820;
    private const int Left = 250;
    private const int Right = 90;
    private const int Top = 44;
    private const int RowHeight = 26;
    private const int BarHeight = 16;
    private static readonly string[] Colours = ["#9aa5b1", "#2f6fab", "#c8793a", "#4a8f5c"];

    public static string Render(string title, string unit, IReadOnlyList<Bar> bars)
    {
        var series = bars.Select(bar => bar.Series).Distinct().ToList();
        var scale = (Width - Left - Right) / Math.Max(bars.Max(bar => bar.Value.Most), double.Epsilon);
        var svg = new StringBuilder(Svg.Open(Width, Top + bars.Count * RowHeight + 12));
        svg.Append(Svg.Text(12, 24, $"{title} ({unit})", "font-weight=\"bold\""));
        for (var row = 0; row < bars.Count; row++)
            Draw(svg, bars[row], Top + row * RowHeight, scale, Colours[series.IndexOf(bars[row].Series) % Colours.Length]);
        return svg.Append("</svg>\n").ToString();
    }

    private static void Draw(StringBuilder svg, Bar bar, double y, double scale, string colour)
    {
        var (middle, end) = (y + BarHeight / 2.0, Left + bar.Value.Most * scale);
        svg.Append(Svg.Text(Left - 8, middle + 4, bar.Label, "text-anchor=\"end\""));
        svg.Append(CultureInfo.InvariantCulture,
            $"<rect x=\"{Left}\" y=\"{y:0.#}\" width=\"{bar.Value.Median * scale:0.#}\" height=\"{BarHeight}\" fill=\"{colour}\"/>\n");
        svg.Append(CultureInfo.InvariantCulture,
            $"<path d=\"M{Left + bar.Value.Least * scale:0.#} {middle:0.#}H{end:0.#}\" stroke=\"#222\"/>\n");
        var text = bar.Value.Median.ToString(bar.Value.Median < 100 ? "0.0" : "#,0", CultureInfo.InvariantCulture);
        svg.Append(Svg.Text(end + 6, middle + 4, text, ""));
    }
}
