using System.Globalization;
using System.Text;

namespace VoiceWorker.Bench.Results;

/// <summary>One figure over time as SVG.</summary>
internal static class LineChart
{
    private const int Width = 820;
    private const int Height = 300;
    private const int Left = 80;
    private const int Right = 20;
    private const int Top = 44;
    private const int Bottom = 36;

    public static string Render(string title, string unit, IReadOnlyList<(double Seconds, double Value)> points)
    {
        var (until, most) = (points[^1].Seconds, points.Max(point => point.Value));
        var (wide, high) = ((Width - Left - Right) / until, (Height - Top - Bottom) / most);
        string At((double Seconds, double Value) point) => string.Create(CultureInfo.InvariantCulture,
            $"{Left + point.Seconds * wide:0.#},{Height - Bottom - point.Value * high:0.#}");
        string Round(double value) => value.ToString("#,0", CultureInfo.InvariantCulture);
        var svg = new StringBuilder(Svg.Open(Width, Height));
        svg.Append(Svg.Text(12, 24, $"{title} ({unit})", "font-weight=\"bold\""));
        svg.Append(Svg.Text(Left - 8, Top + 4, Round(most), "text-anchor=\"end\""));
        svg.Append(Svg.Text(Left - 8, Height - Bottom + 4, "0", "text-anchor=\"end\""));
        svg.Append(Svg.Text(Width - Right, Height - 12, $"{Round(until)} s", "text-anchor=\"end\""));
        svg.Append(CultureInfo.InvariantCulture,
            $"<path d=\"M{Left} {Top}V{Height - Bottom}H{Width - Right}\" fill=\"none\" stroke=\"#222\"/>\n");
        var line = string.Join(' ', points.Select(At));
        svg.Append($"<polyline fill=\"none\" stroke=\"#2f6fab\" stroke-width=\"1.5\" points=\"{line}\"/>\n");
        return svg.Append("</svg>\n").ToString();
    }
}
