import * as torch from 'wasmgrad';
import { MODELS } from './model.js';
import type { Settings } from './options.js';

/** One line of the history: an epoch, or the part of one until it was stopped. */
export interface HistoryEntry {
  epoch: number;
  steps: number;
  loss: number;
  accuracy: number;
  seconds: number;
  test_accuracy?: number;
}

/** Where a training stands. */
export interface Progress {
  /** Epochs that are complete. */
  epoch: number;
  /** Steps of the next epoch that are done. */
  step: number;
  history: HistoryEntry[];
}

export interface Checkpoint {
  settings: Settings;
  progress: Progress;
  tensors: Record<string, torch.Tensor>;
  /** What an interrupted training needs besides the weights; null when it was finished. */
  training: Training | null;
}

export interface Training {
  optimizer: torch.optim.OptimizerState;
  scheduler: Record<string, unknown>;
}

export class CheckpointError extends Error {
  override name = 'CheckpointError';
}

const BUFFER = /^optimizer\.(\d+)\.momentum_buffer$/;

/**
 * Writes the weights under the names of the state dict, so that PyTorch loads the file of a finished training as it is; the
 * momentum of an unfinished one goes under `optimizer.…`. The file is replaced whole or not at all.
 */
export function saveCheckpoint(
  path: string,
  model: torch.nn.Module,
  settings: Settings,
  progress: Progress,
  training: Training | null,
): void {
  const tensors: Record<string, torch.Tensor> = { ...model.state_dict() };
  const metadata: Record<string, string> = {
    format: 'pt',
    settings: JSON.stringify(settings),
    progress: JSON.stringify(progress),
  };
  if (training !== null) {
    for (const [i, state] of Object.entries(training.optimizer.state)) {
      tensors[`optimizer.${i}.momentum_buffer`] = state['momentum_buffer'] as torch.Tensor;
    }
    metadata['training'] = JSON.stringify({
      param_groups: training.optimizer.param_groups,
      scheduler: training.scheduler,
    });
  }
  torch.safetensors.save_file(tensors, path, metadata);
}

/** The tensors belong to the scope in which this is called. */
export function loadCheckpoint(path: string): Checkpoint {
  const file = torch.safetensors.safe_open(path);
  const metadata = file.metadata();
  const read = (name: string): unknown => {
    if (metadata[name] === undefined)
      throw new CheckpointError(`${path}: not written by this program: its metadata lacks '${name}'`);
    try {
      return JSON.parse(metadata[name]);
    } catch (cause) {
      throw new CheckpointError(`${path}: the metadata '${name}' is damaged: ${(cause as Error).message}`, {
        cause,
      });
    }
  };
  const settings = read('settings') as Settings;
  if (!Object.hasOwn(MODELS, settings.model))
    throw new CheckpointError(`${path}: there is no model '${settings.model}'`);
  const progress = read('progress') as Progress;
  const tensors: Record<string, torch.Tensor> = {};
  const state: torch.optim.OptimizerState['state'] = {};
  for (const name of file.keys()) {
    const index = BUFFER.exec(name)?.[1];
    if (index === undefined) tensors[name] = file.get_tensor(name);
    else state[Number(index)] = { momentum_buffer: file.get_tensor(name) };
  }
  if (metadata['training'] === undefined) return { settings, progress, tensors, training: null };
  const { param_groups, scheduler } = read('training') as {
    param_groups: torch.optim.OptimizerState['param_groups'];
    scheduler: Record<string, unknown>;
  };
  return { settings, progress, tensors, training: { optimizer: { state, param_groups }, scheduler } };
}
