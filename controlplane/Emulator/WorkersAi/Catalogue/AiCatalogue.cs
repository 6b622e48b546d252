using System.Collections.Frozen;

namespace GatewayOps.Emulator.WorkersAi.Catalogue;

/// <summary>The models of Workers AI that the emulator knows: a sensible part of the real catalogue, with its windows and prices.</summary>
public static class AiCatalogue
{
    public static IReadOnlyList<AiModel> All { get; } =
    [
        // The first models answer `{response}`.
        Chat("@cf/meta/llama-3.3-70b-instruct-fp8-fast", "Llama 3.3 70B quantized to fp8 precision, optimized to be faster.", 24_000, 0.293m, 2.253m) with { CallsTools = true, IsQueueable = true },
        Chat("@cf/meta/llama-3.1-8b-instruct", "The Meta Llama 3.1 collection of multilingual large language models.", 7968, 0.282m, 0.827m) with { IsQueueable = true },
        Chat("@cf/meta/llama-3.1-8b-instruct-fast", "Fast version of the Meta Llama 3.1 8B model.", 128_000, 0.045m, 0.384m),
        Chat("@cf/meta/llama-3.1-8b-instruct-fp8", "Llama 3.1 8B quantized to FP8 precision.", 32_000, 0.152m, 0.287m),
        Chat("@cf/meta/llama-3.1-8b-instruct-awq", "Quantized (int4) generative text model with 8 billion parameters from Meta.", 8192, 0.123m, 0.266m),
        Chat("@cf/meta/llama-3.1-70b-instruct", "The Meta Llama 3.1 collection, 70 billion parameters.", 24_000, 0.293m, 2.253m) with { CallsTools = true },
        Chat("@cf/meta/llama-3.2-1b-instruct", "The Llama 3.2 instruction-tuned text only models.", 60_000, 0.027m, 0.201m),
        Chat("@cf/meta/llama-3.2-3b-instruct", "The Llama 3.2 instruction-tuned text only models.", 80_000, 0.051m, 0.335m),
        Chat("@cf/meta/llama-3.2-11b-vision-instruct", "The Llama 3.2-Vision models are optimized for visual recognition.", 128_000, 0.049m, 0.676m) with { SeesImages = true, TakesLora = true, NeedsAgreement = true },
        Chat("@cf/meta/llama-3-8b-instruct", "Generation over generation, Meta Llama 3 demonstrates state-of-the-art performance.", 7968, 0.282m, 0.827m),
        Chat("@cf/meta/llama-3-8b-instruct-awq", "Quantized (int4) generative text model with 8 billion parameters from Meta.", 8192, 0.123m, 0.266m),
        Chat("@cf/meta/llama-3-70b-instruct", "Meta Llama 3, 70 billion parameters.", 8192, 0.293m, 2.253m),
        Chat("@cf/meta/llama-2-7b-chat-fp16", "Full precision (fp16) generative text model with 7 billion parameters from Meta.", 4096, 0.556m, 6.667m),
        Chat("@cf/meta/llama-2-7b-chat-int8", "Quantized (int8) generative text model with 7 billion parameters from Meta.", 8192, 0.556m, 6.667m) with { DeprecatedOn = "2025-10-01" },
        Chat("@cf/meta/llama-2-13b-chat-int8", "Quantized (int8) generative text model with 13 billion parameters from Meta.", 4096, 0.556m, 6.667m) with { DeprecatedOn = "2025-10-01" },
        Chat("@cf/meta/codellama-7b-instruct", "Code Llama with 7 billion parameters, instruction-tuned.", 4096, 0.110m, 0.190m) with { DeprecatedOn = "2025-10-01" },
        Chat("@cf/meta/llama-guard-3-8b", "Llama Guard 3 is a Llama-3.1-8B pretrained model, fine-tuned for content safety classification.", 131_072, 0.484m, 0.030m) with { TakesLora = true },
        Chat("@cf/mistral/mistral-7b-instruct-v0.1", "Instruct fine-tuned version of the Mistral-7b generative text model with 7 billion parameters.", 2824, 0.110m, 0.190m) with { TakesLora = true, IsBeta = true },
        Chat("@cf/mistral/mistral-7b-instruct-v0.2", "The Mistral-7B-Instruct-v0.2 Large Language Model.", 3072, 0.110m, 0.190m) with { IsBeta = true },
        Chat("@cf/mistral/mistral-7b-instruct-v0.2-lora", "The Mistral-7B-Instruct-v0.2 Large Language Model, for LoRA adapters.", 15_000, 0.110m, 0.190m) with { TakesLora = true, IsBeta = true },
        Chat("@cf/mistralai/mistral-small-3.1-24b-instruct", "Mistral Small 3.1 adds vision understanding and long context capabilities.", 128_000, 0.351m, 0.555m) with { CallsTools = true, SeesImages = true },
        Chat("@cf/google/gemma-3-12b-it", "Gemma 3 models are multimodal, handling text and image input and generating text output.", 80_000, 0.345m, 0.556m) with { TakesLora = true },
        Chat("@cf/google/gemma-2b-it-lora", "A Gemma-2B base model dedicated to inference with LoRA adapters.", 8192, 0.110m, 0.190m) with { TakesLora = true, IsBeta = true },
        Chat("@cf/qwen/qwen2.5-coder-32b-instruct", "Qwen2.5-Coder is the latest series of code-specific Qwen large language models.", 32_768, 0.660m, 1.000m) with { TakesLora = true },
        Chat("@cf/qwen/qwen1.5-0.5b-chat", "Qwen1.5 is the improved version of Qwen.", 32_000, 0.027m, 0.201m) with { PerMinute = 1500, IsBeta = true, DeprecatedOn = "2025-10-01" },
        Chat("@cf/deepseek-ai/deepseek-r1-distill-qwen-32b", "DeepSeek-R1-Distill-Qwen-32B is a model distilled from DeepSeek-R1 based on Qwen2.5.", 80_000, 0.497m, 4.881m),
        Chat("@cf/microsoft/phi-2", "Phi-2 is a Transformer-based model with a next-word prediction objective.", 2048, 0.027m, 0.201m) with { PerMinute = 720, IsBeta = true, DeprecatedOn = "2030-06-01" },
        Chat("@cf/tinyllama/tinyllama-1.1b-chat-v1.0", "The TinyLlama project aims to pretrain a 1.1B Llama model on 3 trillion tokens.", 2048, 0.027m, 0.201m) with { PerMinute = 720, IsBeta = true },
        Chat("@hf/nousresearch/hermes-2-pro-mistral-7b", "Hermes 2 Pro on Mistral 7B, with function calling.", 24_000, 0.110m, 0.190m) with { CallsTools = true, IsBeta = true, Source = 2 },

        // The newer ones answer with a chat completion.
        Newer("@cf/meta/llama-4-scout-17b-16e-instruct", "Meta's Llama 4 Scout is a 17 billion parameter model with 16 experts that is natively multimodal.", 131_000, 0.270m, 0.850m) with { SeesImages = true, IsOpenAiShaped = false },
        Newer("@cf/openai/gpt-oss-120b", "OpenAI's open-weight models designed for powerful reasoning, agentic tasks, and versatile developer use cases.", 128_000, 0.350m, 0.750m),
        Newer("@cf/openai/gpt-oss-20b", "OpenAI's open-weight models, for lower latency and local or specialized use cases.", 128_000, 0.200m, 0.300m),
        Newer("@cf/qwen/qwen3-30b-a3b-fp8", "Qwen3 offers a comprehensive suite of dense and mixture-of-experts models.", 32_768, 0.051m, 0.335m),
        Newer("@cf/qwen/qwq-32b", "QwQ is the reasoning model of the Qwen series.", 24_000, 0.660m, 1.000m) with { TakesLora = true },
        Newer("@cf/google/gemma-4-26b-a4b-it", "Gemma 4, multimodal with thinking.", 131_072, 0.100m, 0.300m) with { SeesImages = true },
        Newer("@cf/moonshotai/kimi-k2.6", "Kimi K2.6 is a frontier-scale open-source 1T parameter model with a 262.1k context window.", 262_144, 0.950m, 4.000m) with { SeesImages = true },
        Newer("@cf/zai-org/glm-4.7-flash", "GLM 4.7 Flash is a fast and efficient multilingual text generation model.", 131_072, 0.060m, 0.400m),
        Newer("@cf/ibm-granite/granite-4.0-h-micro", "Granite 4.0 instruct models deliver strong performance across benchmarks.", 131_000, 0.017m, 0.112m),

        Embedding("@cf/baai/bge-small-en-v1.5", 384, 512, 0.020m),
        Embedding("@cf/baai/bge-base-en-v1.5", 768, 512, 0.067m),
        Embedding("@cf/baai/bge-large-en-v1.5", 1024, 512, 0.204m) with { PerMinute = 1500 },
        Embedding("@cf/baai/bge-m3", 1024, 60_000, 0.012m),
        Embedding("@cf/google/embeddinggemma-300m", 768, 2048, 0.012m),
        Embedding("@cf/qwen/qwen3-embedding-0.6b", 1024, 8192, 0.012m),

        new("@cf/baai/bge-reranker-base", AiTask.TextClassification, "Reranker: outputs similarity of question and document instead of an embedding.", 512, 0.003m),
        new("@cf/huggingface/distilbert-sst-2-int8", AiTask.TextClassification, "Distilled BERT model that was finetuned on SST-2 for sentiment classification.", 512, 0.026m),
        new("@cf/facebook/bart-large-cnn", AiTask.Summarization, "BART is a transformer encoder-encoder (seq2seq) model.", 1024) { IsBeta = true, NeuronsEach = 1 },
        new("@cf/meta/m2m100-1.2b", AiTask.Translation, "Multilingual encoder-decoder (seq-to-seq) model trained for Many-to-Many multilingual translation.", 1024, 0.342m, 0.342m) { IsQueueable = true },
        new("@cf/openai/whisper", AiTask.SpeechRecognition, "Whisper is a general-purpose speech recognition model.") { NeuronsEach = 41.14m },
        new("@cf/openai/whisper-large-v3-turbo", AiTask.SpeechRecognition, "Whisper is a pre-trained model for automatic speech recognition and speech translation.") { NeuronsEach = 46.63m },
        new("@cf/deepgram/nova-3", AiTask.SpeechRecognition, "Transcribe audio using Deepgram's speech-to-text model.") { NeuronsEach = 472.73m },
        new("@cf/deepgram/aura-1", AiTask.TextToSpeech, "Aura is a context-aware text-to-speech model.") { NeuronsEach = 1.36m },
        new("@cf/myshell-ai/melotts", AiTask.TextToSpeech, "MeloTTS is a high-quality multi-lingual text-to-speech library.") { NeuronsEach = 18.63m },
        new("@cf/black-forest-labs/flux-1-schnell", AiTask.TextToImage, "FLUX.1 [schnell] generates images from text descriptions.") { NeuronsEach = 57.6m },
        new("@cf/stabilityai/stable-diffusion-xl-base-1.0", AiTask.TextToImage, "Diffusion-based text-to-image generative model by Stability AI.") { IsBeta = true },
        new("@cf/bytedance/stable-diffusion-xl-lightning", AiTask.TextToImage, "SDXL-Lightning is a lightning-fast text-to-image generation model.") { IsBeta = true },
        new("@cf/lykon/dreamshaper-8-lcm", AiTask.TextToImage, "Stable Diffusion model that has been fine-tuned to be better at photorealism.") { IsBeta = true },
        new("@cf/runwayml/stable-diffusion-v1-5-img2img", AiTask.TextToImage, "Generates a new image from an input image.") { IsBeta = true, PerMinute = 1500 },
        new("@cf/microsoft/resnet-50", AiTask.ImageClassification, "50 layers deep image classification CNN trained on more than 1M images.") { NeuronsEach = 0.23m },
        new("@cf/facebook/detr-resnet-50", AiTask.ObjectDetection, "DEtection TRansformer (DETR) model trained end-to-end on COCO 2017.") { IsBeta = true, NeuronsEach = 1 },
        new("@cf/llava-hf/llava-1.5-7b-hf", AiTask.ImageToText, "LLaVA is an open-source chatbot trained on multimodal instruction-following data.") { IsBeta = true, NeuronsEach = 10 },
        new("@cf/unum/uform-gen2-qwen-500m", AiTask.ImageToText, "UForm-Gen is a small generative vision-language model.") { IsBeta = true, NeuronsEach = 5 },
    ];

    private static readonly FrozenDictionary<string, AiModel> ByName = All.ToFrozenDictionary(model => model.Name);

    public static AiModel? Find(string name) => ByName.GetValueOrDefault(name);

    private static AiModel Chat(string name, string description, int window, decimal priceIn, decimal priceOut) =>
        new(name, AiTask.TextGeneration, description, window, priceIn, priceOut) { CreatedAt = "2024-07-25 18:28:43.000" };

    private static AiModel Newer(string name, string description, int window, decimal priceIn, decimal priceOut) =>
        new(name, AiTask.TextGeneration, description, window, priceIn, priceOut) { IsOpenAiShaped = true, CallsTools = true, IsQueueable = true, CreatedAt = "2025-08-05 10:27:29.000" };

    private static AiModel Embedding(string name, int dimensions, int window, decimal price) =>
        new(name, AiTask.TextEmbeddings, $"Text embedding model: every text becomes a {dimensions}-dimensional vector.", window, price) { Dimensions = dimensions, IsQueueable = true };
}
