import { defineConfig } from 'vite';
import { viteConfig } from '../vite.shared';

export default defineConfig(viteConfig());
