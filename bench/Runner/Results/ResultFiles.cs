using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace VoiceWorker.Bench.Results;

/// <summary>The figures of one run of the bench, and their chart, below bench/results.</summary>
internal sealed class ResultFiles(string name)
{
    private const string Folder = "bench/results";

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public async Task WriteAsync(object figures, string svg, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Folder);
        await File.WriteAllTextAsync(PathOf("json"), JsonSerializer.Serialize(figures, Format) + "\n", cancellationToken);
        await File.WriteAllTextAsync(PathOf("svg"), svg, cancellationToken);
        Console.WriteLine($"\n{PathOf("json")} and .svg are written.");
    }

    private string PathOf(string extension) => Path.Combine(Folder, $"{name}.{extension}");
}
