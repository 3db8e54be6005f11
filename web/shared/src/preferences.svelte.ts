/** Languages the pages are written in, as BCP 47 tags. */
export type Language = 'zh-CN' | 'en';

/** Text size in CSS pixels at the browser's own default; 24 and 30 are the elder mode. */
export type TextSize = '18' | '24' | '30';

const textSizeKey = 'changqing.text_size';
const languageKey = 'changqing.language';

/** Reads a remembered value; storage may be blocked, and then nothing was remembered. */
export function recall(key: string): string | null {
	try {
		return localStorage.getItem(key);
	} catch {
		return null;
	}
}

/** Remembers a value, or forgets it when `null`. Answers whether storage took it. */
export function remember(key: string, value: string | null): boolean {
	try {
		if (value === null) localStorage.removeItem(key);
		else localStorage.setItem(key, value);
		return true;
	} catch {
		return false;
	}
}

/** Where it is remembered that everybody uses this device. */
export const sharedDeviceKey = 'changqing.shared_device';

function rememberedTextSize(): TextSize {
	const size = recall(textSizeKey);
	return size === '24' || size === '30' ? size : '18';
}

/** What a reader has chosen on this device: kept in its storage, not in the account. */
class Preferences {
	textSize = $state<TextSize>(rememberedTextSize());
	language = $state<Language>(recall(languageKey) === 'en' ? 'en' : 'zh-CN');

	/** Whether the elder mode (长辈版) is on. */
	get elder(): boolean {
		return this.textSize !== '18';
	}

	setTextSize(size: TextSize): void {
		this.textSize = size;
		remember(textSizeKey, size === '18' ? null : size);
		this.apply();
	}

	toggleElder(): void {
		this.setTextSize(this.elder ? '18' : '24');
	}

	setLanguage(language: Language): void {
		this.language = language;
		remember(languageKey, language === 'zh-CN' ? null : language);
		this.apply();
	}

	/** Writes the choices onto the document; `mode.js` has done the size before the first paint. */
	apply(): void {
		const root = document.documentElement;
		root.lang = this.language;
		if (this.textSize === '18') root.removeAttribute('data-text-size');
		else root.setAttribute('data-text-size', this.textSize);
	}
}

export const preferences = new Preferences();
