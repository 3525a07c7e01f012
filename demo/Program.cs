return await VoiceWorker.Demo.CommandLine.RunAsync(args);
