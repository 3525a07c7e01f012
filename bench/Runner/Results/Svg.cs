using System.Globalization;
using System.Security;

namespace VoiceWorker.Bench.Results;

/// <summary>What all charts have in common.</summary>
internal static class Svg
{
    public static string Open(int width, int height) =>
        $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" "
        + "font-family=\"sans-serif\" font-size=\"13\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n";

    public static string Text(double x, double y, string text, string attributes) => string.Create(CultureInfo.InvariantCulture,
        $"<text x=\"{x:0.#}\" y=\"{y:0.#}\" fill=\"#222\" {attributes}>{SecurityElement.Escape(text)}</text>\n");
}
