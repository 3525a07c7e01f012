using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace VoiceWorker.Health;

/// <summary>
/// <c>/health/live</c>: the process is there, from its first second. <c>/health/ready</c>: 200 while it consumes, also
/// when it is degraded; 503 otherwise. Both say why as JSON.
/// </summary>
internal static class HealthEndpoints
{
    /// <summary>Of the checks that readiness is made of.</summary>
    public const string ReadyTag = "ready";

    /// <summary>Adds the check of the boot; bus and relay add their own under the same tag.</summary>
    public static IServiceCollection AddHealth(this IServiceCollection services)
    {
        services.AddHealthChecks().AddCheck<Readiness>("boot", tags: [ReadyTag]);
        return services;
    }

    public static void MapHealth(this WebApplication worker)
    {
        worker.MapHealthChecks(
            "/health/live", new HealthCheckOptions { Predicate = _ => false, ResponseWriter = WriteAsync });
        worker.MapHealthChecks("/health/ready", new HealthCheckOptions
        {
            Predicate = check => check.Tags.Contains(ReadyTag), ResponseWriter = WriteAsync,
        });
    }

    private static async Task WriteAsync(HttpContext http, HealthReport report)
    {
        http.Response.ContentType = "application/json";
        await using var writer = new Utf8JsonWriter(http.Response.Body);
        writer.WriteStartObject();
        writer.WriteString("status", report.Status.ToString());
        foreach (var (name, entry) in report.Entries)
        {
            writer.WriteStartObject(name);
            writer.WriteString("status", entry.Status.ToString());
            writer.WriteString("description", entry.Description);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        await writer.FlushAsync(http.RequestAborted);
    }
}
