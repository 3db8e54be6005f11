import { recall, remember, sharedDeviceKey } from '@changqing/shared/preferences.svelte';
import { opensKey } from './opens';

/** Whether somebody has said that everybody uses this device. */
export const isSharedDevice = (): boolean => recall(sharedDeviceKey) !== null;

/** Remembers what somebody has said. */
export function setSharedDevice(shared: boolean): void {
	remember(sharedDeviceKey, shared ? '1' : null);
}

/** After card and PIN: the server remembers this device from now on, unless everybody uses it. */
export function noteEntrance(): void {
	if (!isSharedDevice()) remember(opensKey, '1');
}

/** The server remembers nobody here any more. */
export function noteForgotten(): void {
	remember(opensKey, null);
}
