namespace VoiceWorker.Retention;

/// <summary>What removing by age needs.</summary>
internal static class RetentionRegistration
{
    /// <summary>Adds the sweep and its service.</summary>
    public static IServiceCollection AddRetention(this IServiceCollection services) => services
        .AddSingleton<RetentionCheck>()
        .AddSingleton<RetentionSweep>()
        .AddHostedService<RetentionService>();
}
