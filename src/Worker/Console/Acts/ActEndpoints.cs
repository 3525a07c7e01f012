using VoiceWorker.Boot;

namespace VoiceWorker.WebConsole.Acts;

/// <summary>The addresses of everything that changes something.</summary>
internal static class ActEndpoints
{
    /// <summary>Maps them.</summary>
    public static void MapActs(this IEndpointRouteBuilder console, ConsoleOptions options)
    {
        _ = console;
        _ = options;
    }
}
