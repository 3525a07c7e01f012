using System.Reflection;
using System.Security.Cryptography;

namespace VoiceWorker.WebConsole;

/// <summary>The style sheet, the script and the icon. They are part of the assembly: wherever that is, they are, under
/// an address that changes with what is in them.</summary>
internal static class OwnFiles
{
    private const string Prefix = "VoiceWorker.Console.Assets.";

    private static readonly Dictionary<string, Asset> All = new(StringComparer.Ordinal)
    {
        ["console.css"] = Read("console.css", "text/css; charset=utf-8"),
        ["console.js"] = Read("console.js", "text/javascript; charset=utf-8"),
        ["icon.svg"] = Read("icon.svg", "image/svg+xml"),
    };

    /// <summary>Its address.</summary>
    public static string Address(string name) => $"/assets/{All[name].Version}/{name}";

    /// <summary>Serves them to anybody: they say nothing of the worker.</summary>
    public static void UseOwnFiles(this IApplicationBuilder console) => console.Use((http, next) =>
    {
        var path = http.Request.Path.Value ?? "";
        if (path == "/favicon.ico")
            path = Address("icon.svg");
        return path.StartsWith("/assets/", StringComparison.Ordinal)
            && All.TryGetValue(path[(path.LastIndexOf('/') + 1)..], out var asset)
            ? WriteAsync(http, asset) : next(http);
    });

    private static Task WriteAsync(HttpContext http, Asset asset)
    {
        http.Response.ContentType = asset.Type;
        http.Response.ContentLength = asset.Bytes.Length;
        http.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        return http.Response.Body.WriteAsync(asset.Bytes, http.RequestAborted).AsTask();
    }

    private static Asset Read(string name, string type)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Prefix + name)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return new(type, bytes, Convert.ToHexStringLower(SHA256.HashData(bytes))[..12]);
    }

    private sealed record Asset(string Type, byte[] Bytes, string Version);
}
