using Microsoft.Extensions.Logging.Console;

namespace VoiceWorker.Observability;

/// <summary>How logs look: for people on a terminal, JSON lines everywhere else, unless Logging:Console:FormatterName
/// says which.</summary>
internal static class LogOutput
{
    /// <summary>Logs to standard output.</summary>
    public static void AddLogOutput(this WebApplicationBuilder builder) =>
        builder.AddConsole(Console.IsOutputRedirected);

    /// <summary>Logs to standard error: standard output belongs to the verb.</summary>
    public static void AddLogToStandardError(this WebApplicationBuilder builder)
    {
        builder.AddConsole(Console.IsErrorRedirected);
        builder.Services.Configure<ConsoleLoggerOptions>(
            console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    }

    private static void AddConsole(this WebApplicationBuilder builder, bool isRedirected)
    {
        var formatter = builder.Configuration["Logging:Console:FormatterName"]
            ?? (isRedirected ? JsonLines.FormatterName : ConsoleFormatterNames.Simple);
        builder.Logging.ClearProviders().AddConsole(console => console.FormatterName = formatter);
        builder.Logging.AddConsoleFormatter<JsonLines, ConsoleFormatterOptions>();
    }
}
