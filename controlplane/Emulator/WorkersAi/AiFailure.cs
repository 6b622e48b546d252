namespace GatewayOps.Emulator.WorkersAi;

/// <summary>A failure of Workers AI (contract section 16).</summary>
/// <param name="Title">What stands between `AiError: ` and the description in the message.</param>
public sealed record AiFailure(int Status, int Code, string Title, string Description)
{
    public static AiFailure NoSuchModel(string model) => new(400, 5007, "No such model", $"No such model {model} or task");

    public static AiFailure InvalidModelId(string model) => new(404, 3042, "Invalid model ID", $"The model name {model} is invalid");

    public static AiFailure Incomplete(string what) => new(400, 3003, "Incomplete request", $"Request is missing headers or body: {what}");

    public static AiFailure InvalidBase64(string type) => new(400, 5004, "Invalid data", $"Invalid data type for base64 input: {type}");

    public static AiFailure LoraIncomplete { get; } =
        new(400, 3039, "Finetune missing required files", "Finetune is missing required files (model.safetensors and config.json)");

    public static AiFailure LoraUnsupported(string model) => new(405, 5005, "LoRa unsupported", $"The model {model} does not support LoRa inference");

    public static AiFailure AgreementMissing { get; } = new(403, 5016, "Model agreement", "User has not agreed to Llama3.2 model terms");

    public static AiFailure NotAllowed { get; } = new(403, 5018, "Account not allowed for private model", "The account is not allowed to access this model");

    public static AiFailure Blocked { get; } = new(403, 3023, "Account blocked", "Service unavailable for account");

    public static AiFailure TooLarge { get; } = new(413, 3006, "Request too large", "Request is too large");

    public static AiFailure WindowExceeded(int tokens, int window) => new(
        413, 5021, "Ai", $"The estimated number of input and maximum output tokens ({tokens}) exceeded this model context window limit ({window}).");

    public static AiFailure TimedOut { get; } = new(408, 3007, "Timeout", "Request timeout");

    public static AiFailure Aborted { get; } = new(408, 3008, "Aborted", "Request was aborted");

    /// <summary>Its code differs between the documents and what was seen: <see cref="Assumptions.WorkersAiDailyLimitCode"/>.</summary>
    public static AiFailure AllocationUsed(int code) => new(
        429, code, "AiError",
        "you have used up your daily free allocation of 10,000 neurons, please upgrade to Cloudflare's Workers Paid plan if you would like to continue usage.");

    public static AiFailure OutOfCapacity { get; } = new(429, 3040, "AiError", "Capacity temporarily exceeded, please try again.");

    public static AiFailure RateLimited(int code) => new(429, code, "AiError", "Rate limit of this task exceeded, please try again in a minute.");

    /// <summary>The input does not fit the model's schema: <see cref="Assumptions.WorkersAiBadInputCode"/>.</summary>
    public static AiFailure BadInput(int code, string description) => new(400, code, "Bad input", $"Error: {description}");

    public static AiFailure JsonModeUnmet(string why) => new(400, 5024, "JSON Mode couldn't be met", $"JSON Mode couldn't be met: {why}");

    public static AiFailure Failed { get; } = new(500, 3043, "Internal server error", "Internal server error");
}

/// <summary>Ends the run of a model.</summary>
public sealed class AiFailedException(AiFailure failure) : Exception(failure.Description)
{
    public AiFailure Failure => failure;
}
